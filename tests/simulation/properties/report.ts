/** Says that a promise is broken. `name` is stable, `detail` is for people. */
export type Report = (name: string, detail: string) => void
