export { alloc, release, touched } from './memory';
export { newLeaf, releaseLeaf, endRow, endChunk, appendNull, append64, append32, appendBytes } from './columns/leaf';
export { newSlab, releaseSlab, clearSlab } from './slab/slab';
