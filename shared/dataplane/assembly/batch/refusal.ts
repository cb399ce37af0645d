// Whether the batch being read has been refused: the exact path then finds out what is wrong with it, and says so.

let isSet = false;

export function refuse(): void {
  isSet = true;
}

export function beginBatch(): void {
  isSet = false;
}

// @ts-ignore: decorator
@inline
export function isRefused(): bool {
  return isSet;
}
