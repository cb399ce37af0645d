/** As much of the WebAssembly JavaScript API as is used here: Node has it, its types leave it to browsers' libraries. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean
  class Module {
    static exports(module: Module): readonly { readonly name: string }[]
    constructor(bytes: Uint8Array)
  }
  class Memory {
    readonly buffer: ArrayBuffer
    constructor(limits: { readonly initial: number; readonly maximum: number })
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>)
  }
}
