export { loginRules, runConsole, type ConsoleOptions, type ConsoleParts } from './console.ts'
