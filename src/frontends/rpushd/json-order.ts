// The members of a JSON object in the order of rpushd's normal form: by the UTF-8 bytes of their keys, and of equal
// keys the last alone.

/** One member of an object: its key decoded and as normal JSON text, and its value as normal JSON text. */
export interface Member {
  readonly key: string
  readonly name: string
  readonly value: string
}

/** Sorts the members by key, the last of equal keys alone. Returns the list itself if nothing is to do. */
export function inOrder(members: readonly Member[], astral: boolean): readonly Member[] {
  const compare = astral ? compareCodePoints : compareUnits
  let at = 1
  while (at < members.length && compare(keyAt(members, at - 1), keyAt(members, at)) < 0) at++
  if (at >= members.length) return members
  return members
    .toSorted((a, b) => compare(a.key, b.key))
    .filter((member, index, all) => member.key !== all[index + 1]?.key)
}

function keyAt(members: readonly Member[], at: number): string {
  return members[at]?.key ?? ''
}

function compareUnits(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Orders strings by code point, which is also the order of their UTF-8 bytes. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others, so they change places with U+E000–U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
