/** A short number that stands for a text, the same on every machine; no secret is safe behind it. */

/** FNV-1a, 32 bits, over the UTF-16 units of the text; `from` tells several hashes of one text apart. */
export function hashOf(text: string, from = 0): number {
  let hash = (from ^ 0x811c9dc5) >>> 0
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  }
  return hash
}
