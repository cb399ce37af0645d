import '../../services/writer/test/support/poison-hook.ts'

/** The product's unit thread, but records that hold a poison kill it. */
await import(new URL('../../cli/src/compose/unit-thread.ts', import.meta.url).href)
