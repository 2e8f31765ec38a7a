// The query of a request, item by item, as the original reads it: a plus sign is one, and a percent sign without digits, too.

export class Query {
  /** As they were sent. */
  readonly #items: readonly string[]

  constructor(text: string) {
    this.#items = text === '' ? [] : text.split('&')
  }

  /** Of several the first one counts. A byte a character; undefined: there is none of that name. */
  get(name: string): string | undefined {
    const found = this.#items.find(item => nameOf(item) === name)
    return found === undefined ? undefined : decoded(found.slice(rawNameOf(found).length + 1))
  }

  /** What is left, in order and as it was sent. */
  without(names: ReadonlySet<string>): string {
    return this.#items.filter(item => !names.has(nameOf(item))).join('&')
  }
}

function rawNameOf(item: string): string {
  return item.split('=', 1)[0] ?? ''
}

function nameOf(item: string): string {
  return decoded(rawNameOf(item))
}

/** A byte a character, on both sides. */
function decoded(text: string): string {
  return text.replace(/%([\dA-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
}

/** Bytes as characters to the text that they encode. */
export function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
