const secretCharsMin = 4
const passingMax = 256
const hiddenText = '[redacted]'

/**
 * Texts that must not be seen, in every form they take in a line: as they are, inside JSON, inside a URL; of a URL its password, of a PEM key
 * each of its lines. Shorter than four characters nothing is hidden: it would be found everywhere.
 */
export class Redaction {
  readonly #kept = new Set<string>()
  /** Oldest first; what is passing is forgotten when 256 newer ones have come. */
  readonly #passing: (readonly string[])[] = []
  #longestFirst: readonly string[] = []

  constructor(secrets: readonly string[] = []) {
    for (const secret of secrets) this.hide(secret)
  }

  /** From now on, for good: settings, and what they are rotated to. */
  hide(secret: string): void {
    for (const form of formsOf(secret)) this.#kept.add(form)
    this.#sort()
  }

  /** From now on, for a while: tokens that expire by themselves. */
  hidePassing(secret: string): void {
    this.#passing.push(formsOf(secret))
    if (this.#passing.length > passingMax) this.#passing.shift()
    this.#sort()
  }

  apply(text: string): string {
    return this.#longestFirst.reduce((rest, secret) => rest.replaceAll(secret, hiddenText), text)
  }

  /** A secret that contains another is hidden whole. */
  #sort(): void {
    this.#longestFirst = [...new Set([...this.#kept, ...this.#passing.flat()])].sort((a, b) => b.length - a.length)
  }
}

function formsOf(secret: string): readonly string[] {
  const plain = [secret, ...passwordOf(secret), ...pemLines(secret)]
  const forms = plain.flatMap((text) => [text, JSON.stringify(text).slice(1, -1), urlForm(text)])
  return [...new Set(forms)].filter((text) => text.length >= secretCharsMin)
}

/** The password inside a URL, as written and decoded. */
function passwordOf(secret: string): string[] {
  if (!URL.canParse(secret)) return []
  const { password } = new URL(secret)
  return password === '' ? [] : [password, decoded(password)]
}

function pemLines(secret: string): string[] {
  return secret.includes('-----BEGIN') ? secret.split(/\r?\n/).filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line)) : []
}

function urlForm(text: string): string {
  // A lone surrogate has no such form.
  return text.isWellFormed() ? encodeURIComponent(text) : text
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
