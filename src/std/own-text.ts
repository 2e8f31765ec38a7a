// Texts that are kept. The engine of JavaScript cuts a text of 13 units or more out of a longer one by a reference to
// it, and adds texts up by references to both: whoever keeps a name keeps the whole body, or the whole batch of a link,
// that it once stood in.

/** Shorter texts are always copied. */
const sharedUnitsMin = 13

/** The same text, holding no other. It must be well-formed. */
export function ownText(text: string): string {
  return text.length < sharedUnitsMin ? text : Buffer.from(text).toString()
}
