import { unsupportedFault } from './faults.ts'
import type { Expression } from './expression.ts'

/** Operators and brackets within each other; what binds, prints and evaluates an expression goes as deep. */
const treeDepthMax = 400

/** `expressions/unsupported` where the tree is too deep: chains like `a + b + …` nest without a bracket. Takes no stack itself. */
export function requireShallow(text: string, expression: Expression): void {
  const waiting: { readonly node: Expression; readonly depth: number }[] = [{ node: expression, depth: 1 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next
    if (depth > treeDepthMax)
      throw unsupportedFault(text, node.at, `an expression of more than ${treeDepthMax} operations within each other`)
    for (const child of childrenOf(node)) waiting.push({ node: child, depth: depth + 1 })
  }
}

function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'literal':
    case 'interval':
    case 'name':
      return []
    case 'negation':
    case 'not':
    case 'is':
    case 'cast':
      return [node.operand]
    case 'binary':
      return [node.left, node.right]
    case 'logical':
    case 'call':
      return node.operands
    case 'in':
      return [node.operand, ...node.items]
    case 'between':
      return [node.operand, node.low, node.high]
    case 'like':
      return [node.operand, node.pattern]
    case 'case':
      return [
        ...(node.operand === undefined ? [] : [node.operand]),
        ...node.branches.flatMap(({ when, then }) => [when, then]),
        ...(node.otherwise === undefined ? [] : [node.otherwise]),
      ]
  }
}
