// Headers as they are on the wire: name, value, name, value, in order, with case and repetition kept, one character a byte.

export type RawHeaders = readonly string[]

/** Each with its name in lower case, too. */
export function* headersOf(
  raw: RawHeaders,
): Generator<readonly [lower: string, name: string, value: string]> {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    yield [name.toLowerCase(), name, raw[at + 1] ?? '']
  }
}

/** `lower` is in lower case. */
export function valuesOf(raw: RawHeaders, lower: string): readonly string[] {
  const values: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (isNamed(raw[at] ?? '', lower)) values.push(raw[at + 1] ?? '')
  }
  return values
}

/** Most names differ in length already, and this is asked of each header of each request. */
export function isNamed(name: string, lower: string): boolean {
  return name.length === lower.length && name.toLowerCase() === lower
}

/** Members of a list header, however many headers it is spread over; without empty ones (RFC 9110 section 5.6.1). */
export function membersOf(values: readonly string[]): readonly string[] {
  const members = values.flatMap(value => value.split(','))
  return members.map(member => member.trim()).filter(member => member !== '')
}

/** Without those whose names, in lower case, are dropped. */
export function without(raw: RawHeaders, isDropped: (lower: string) => boolean): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    if (!isDropped(name.toLowerCase())) kept.push(name, raw[at + 1] ?? '')
  }
  return kept
}
