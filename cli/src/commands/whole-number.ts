import { InvalidArgumentError } from 'commander'

/** A whole number >= 0 from a command line. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('must be a whole number')
  return Number(text)
}
