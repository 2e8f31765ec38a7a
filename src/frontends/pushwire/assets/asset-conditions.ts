// What a request for an asset asks of it, by its conditions and range (RFC 9110 sections 13 and 14). Pure.

export type Wanted =
  /** Bytes from `from` up to and without `to`; `isPart`: as 206. */
  | { readonly kind: 'bytes'; readonly from: number; readonly to: number; readonly isPart: boolean }
  /** 304. */
  | { readonly kind: 'unchanged' }
  /** 412. */
  | { readonly kind: 'failed' }
  /** 416. */
  | { readonly kind: 'outside' }

export interface Asked {
  readonly method: string
  /** The first header of that lower-case name. */
  header(name: string): string | undefined
}

/** Of what is there, with `etag` in quotes. Dates mean nothing: an asset has none. */
export function wantedOf(asked: Asked, etag: string, size: number): Wanted {
  const match = asked.header('if-match')
  if (match !== undefined && !names(match, etag)) return { kind: 'failed' }
  const noneMatch = asked.header('if-none-match')
  if (noneMatch !== undefined && names(noneMatch.replaceAll('W/', ''), etag)) return { kind: 'unchanged' }
  const whole: Wanted = { kind: 'bytes', from: 0, to: size, isPart: false }
  const range = asked.header('range')
  // A range means something to GET only (section 14.2), and only of what the client has already.
  const condition = asked.header('if-range')
  if (asked.method !== 'GET' || range === undefined || (condition !== undefined && condition !== etag))
    return whole
  return rangeOf(range, size) ?? whole
}

/** A star, or one of a list; weak ones fit nothing. */
function names(list: string, etag: string): boolean {
  return list.trim() === '*' || list.split(',').some(each => each.trim() === etag)
}

/** Undefined: to be passed over, since it is none, of another unit, or of several parts. */
function rangeOf(range: string, size: number): Wanted | undefined {
  const [, first = '', last = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(range) ?? []
  if (first === '' && last === '') return undefined
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  return from >= size ? { kind: 'outside' } : { kind: 'bytes', from, to, isPart: true }
}
