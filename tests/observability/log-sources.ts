import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export interface LoggedMessage {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `services/writer`, `cli`. */
  readonly from: string
  /** What varies is `…`. */
  readonly message: string
  /** Names of the fields beside those every line of the actor has. */
  readonly fields: readonly string[]
}

export interface ErrorCode {
  readonly code: string
  readonly kind: string
  readonly message: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const levels: readonly string[] = ['debug', 'info', 'warn', 'error']

/** Every message the sources log, and every code they raise errors with, as the syntax tree has them. */
export function logSources(): { readonly messages: readonly LoggedMessage[]; readonly codes: readonly ErrorCode[] } {
  const messages = new Map<string, LoggedMessage>()
  const codes = new Map<string, ErrorCode>()
  for (const path of sourceFiles()) {
    const from = path
      .split('/')
      .slice(0, path.startsWith('cli/') ? 1 : 2)
      .join('/')
    const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true)
    const visit = (node: ts.Node): void => {
      const logged = ts.isCallExpression(node) ? loggedMessage(node, from) : undefined
      if (logged !== undefined) messages.set(`${logged.from} ${logged.message}`, logged)
      const raised = ts.isNewExpression(node) ? errorCode(node) : undefined
      const judged = ts.isCallExpression(node) ? judgedCodes(node) : []
      for (const each of raised === undefined ? judged : [raised]) if (!codes.has(each.code)) codes.set(each.code, each)
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return { messages: [...messages.values()], codes: [...codes.values()].sort((a, b) => (a.code < b.code ? -1 : 1)) }
}

function sourceFiles(): readonly string[] {
  return ['services', 'shared', 'cli'].flatMap((group) =>
    readdirSync(join(root, group), { recursive: true, encoding: 'utf8' })
      .map((path) => `${group}/${path}`)
      .filter((path) => /\/src\/.*\.ts$/.test(path) && !/node_modules|\/testing\//.test(path))
      .sort(),
  )
}

/** `…log.warn({ fields }, 'message')`; undefined where the message is an error's own or comes from a function. */
function loggedMessage(call: ts.CallExpression, from: string): LoggedMessage | undefined {
  const { expression, arguments: given } = call
  if (!ts.isPropertyAccessExpression(expression) || !levels.includes(expression.name.text)) return undefined
  if (!/log$/i.test(expression.expression.getText()) || given.length !== 2) return undefined
  const [fields, text] = given
  const message = text && textOf(text)
  if (message === undefined || message === '…') return undefined
  const level = expression.name.text as LoggedMessage['level']
  return { level, from, message, fields: fields === undefined ? [] : fieldNames(fields) }
}

function errorCode(made: ts.NewExpression): ErrorCode | undefined {
  const [kind, code, message] = made.arguments ?? []
  if (made.expression.getText() !== 'SiltError' || kind === undefined || code === undefined) return undefined
  const text = textOf(code)
  if (text === undefined || !isCode(text)) return undefined
  return { code: text, kind: textOf(kind) ?? '…', message: (message && textOf(message)) ?? messageAbove(made, message) }
}

/** Codes of verdicts that are values: `refusal(code, message)`, `stopped(…, code, { found })`. */
function judgedCodes(call: ts.CallExpression): readonly ErrorCode[] {
  if (!['refusal', 'stopped'].includes(call.expression.getText())) return []
  const branches = call.arguments.flatMap((each) =>
    ts.isConditionalExpression(each) ? [each.whenTrue, each.whenFalse] : [each],
  )
  const codes = branches.flatMap((each) => (ts.isStringLiteral(each) && isCode(each.text) ? [each.text] : []))
  const last = call.arguments.at(-1)
  const found = last !== undefined && ts.isObjectLiteralExpression(last) ? last.properties[0] : undefined
  const words = found !== undefined && ts.isPropertyAssignment(found) ? found.initializer : last
  return codes.map((code) => ({ code, kind: 'data', message: (words && textOf(words)) ?? '…' }))
}

const isCode = (text: string): boolean => /^[a-z-]+\/[a-z0-9-]+$/.test(text)

/** A message kept in a `const` of the same function, as long ones are. */
function messageAbove(made: ts.Node, message: ts.Expression | undefined): string {
  if (message === undefined || !ts.isIdentifier(message)) return '…'
  for (let node: ts.Node = made.parent; !ts.isSourceFile(node); node = node.parent) {
    let found: string | undefined
    ts.forEachChild(node, (child) => {
      if (!ts.isVariableStatement(child)) return
      for (const { name, initializer } of child.declarationList.declarations)
        if (name.getText() === message.text && initializer !== undefined) found = textOf(initializer)
    })
    if (found !== undefined) return found
  }
  return '…'
}

function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return `${textOf(node.left) ?? '…'}${textOf(node.right) ?? '…'}`
  return undefined
}

function fieldNames(fields: ts.Expression): readonly string[] {
  if (!ts.isObjectLiteralExpression(fields)) return []
  return fields.properties.flatMap((each) => (each.name === undefined ? [] : [each.name.getText()]))
}
