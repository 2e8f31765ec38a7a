// The request between two nodes: where it goes, and the headers that say from whom, to whom and by which list.

/** What a request is for. */
export const questionsPath = '/questions'

export const contentType = 'application/msgpack'

/** In lower case. */
export const headerNames = {
  /** Of the one who speaks: in a request, and in every answer that is for a node. */
  generation: 'ringcast-generation',
  /** Whoever is asked by itself has a loop in its list. */
  from: 'ringcast-from',
  /** Another one may have the address by now. */
  to: 'ringcast-to',
} as const

export interface Envelope {
  readonly generation: number
  readonly from: string
  readonly to: string
}

export function requestHeaders({ generation, from, to }: Envelope, secret: string): readonly string[] {
  return [
    'authorization',
    `Bearer ${secret}`,
    'content-type',
    contentType,
    headerNames.generation,
    String(generation),
    headerNames.from,
    from,
    headerNames.to,
    to,
  ]
}

/** `header` gives one by its name. Undefined: no node wrote it. */
export function readEnvelope(header: (name: string) => string | undefined): Envelope | undefined {
  const generation = parseGeneration(header(headerNames.generation))
  const [from, to] = [header(headerNames.from), header(headerNames.to)]
  if (generation === undefined || from === undefined || to === undefined) return undefined
  return { generation, from, to }
}

/** That of an answer; undefined: no node gave it. */
export function generationIn(rawHeaders: readonly string[]): number | undefined {
  const at = rawHeaders.findIndex(
    (name, index) => index % 2 === 0 && name.toLowerCase() === headerNames.generation,
  )
  return at < 0 ? undefined : parseGeneration(rawHeaders[at + 1])
}

function parseGeneration(text = ''): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

/** Two lists so far apart are not in the middle of one change: one node was forgotten. */
export function areApart(one: number, other: number): boolean {
  return Math.abs(one - other) > 1
}
