// Plain JavaScript for any Node from 20 on.
import { stripVTControlCharacters } from 'node:util'

const FAILURES_MAX = 20
/** For all failures together: of a long output often only the last page is kept. */
const LINES_MAX = 28
const LINES_EACH_MIN = 3
const LINE_CHARACTERS_MAX = 240
// Of a stack, only the frames in files of ours say anything.
const FOREIGN_FRAME = /node_modules|node:internal|<anonymous>/
const FRAMES_MAX = 2
/** Lines of a difference that are kept around each line that differs, fewer where there is no room. */
const AROUND_DIFFERENCE = 3

/**
 * What `npm test` says last of each failed test: tier, file, name, the error with what it was caused by first, and the difference from what was
 * expected; shortened until all of them fit on a page.
 * @param {{ name: string, counts?: { failures?: { name: string, file: string, error: string, details?: object[] }[] } }[]} tiers
 * @returns {string[]}
 */
export function failureLines(tiers) {
  const failures = tiers.flatMap(({ name: tier, counts }) =>
    (counts?.failures ?? []).map((failure) => ({ tier, ...failure })),
  )
  const shown = failures.slice(0, FAILURES_MAX)
  const linesEach = Math.max(LINES_EACH_MIN, Math.floor(LINES_MAX / Math.max(1, shown.length)) - 1)
  const lines = shown.flatMap(({ tier, file, name, error, details = [] }) => [
    shortened(`FAILED ${[tier, file, name].filter((part) => part !== '').join(' > ')}`),
    ...(details.length > 0 ? detailLines(details, linesEach) : errorLines(error, linesEach)).map((line) => `  ${line}`),
  ])
  if (failures.length > FAILURES_MAX) lines.push(`and ${failures.length - FAILURES_MAX} more`)
  return lines
}

/** What caused it comes first: around it is often only what the processes of a test had to say. */
function detailLines(details, linesMax) {
  const errors = details.flatMap((each) => chainOf(each).reverse())
  const lines = []
  for (const [index, { message, diff, stack }] of errors.entries()) {
    const roomLeft = linesMax - lines.length
    if (roomLeft <= 0) break
    const isLast = index === errors.length - 1
    const messageRoom = Math.max(1, Math.floor((diff ? roomLeft / 3 : roomLeft) / (isLast ? 1 : 2)))
    const said = ends(textLines(message), messageRoom)
    const frames = textLines(stack ?? '')
      .filter(isOurFrame)
      .slice(0, FRAMES_MAX)
    const differs = diff ? differenceLines(diff, roomLeft - said.length - frames.length) : []
    lines.push(...[...said, ...frames, ...differs].slice(0, isLast ? roomLeft : Math.ceil(roomLeft * 0.75)))
  }
  return lines.map(shortened)
}

function errorLines(error, linesMax) {
  return textLines(error)
    .filter((line) => !/^\s+at /.test(line) || isOurFrame(line))
    .slice(0, linesMax)
    .map(shortened)
}

function chainOf(error) {
  return error.cause === undefined ? [error] : [error, ...chainOf(error.cause)]
}

/** The lines that differ, and a few around them. */
function differenceLines(diff, linesMax, around = AROUND_DIFFERENCE) {
  const lines = textLines(diff).filter((line) => !/^[-+] (Expected|Received)\b/.test(line))
  const differing = lines.flatMap((line, index) => (/^[-+]/.test(line) ? [index] : []))
  const kept = lines.filter((_, index) => differing.some((at) => Math.abs(at - index) <= around))
  return kept.length > linesMax && around > 0 ? differenceLines(diff, linesMax, around - 1) : kept
}

/** First and last lines: a message given to `expect` comes before what vitest says. */
function ends(lines, linesMax) {
  if (lines.length <= linesMax) return lines
  const last = Math.max(1, Math.floor(linesMax / 3))
  return [...lines.slice(0, linesMax - last), ...lines.slice(-last)]
}

function textLines(text) {
  return stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
}

function isOurFrame(line) {
  return /^\s+at /.test(line) && !FOREIGN_FRAME.test(line)
}

function shortened(line) {
  const half = LINE_CHARACTERS_MAX / 2
  return line.length > LINE_CHARACTERS_MAX ? `${line.slice(0, half)} … ${line.slice(-half)}` : line
}
