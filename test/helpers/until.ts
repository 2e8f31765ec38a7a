// Waiting for a condition, with a deadline that names what was waited for. Tests never wait for a duration, and the
// deadline is no statement about speed: it ends what hangs, on a machine that has much else to do.

const pollMs = 5

/** `what`: a text, or what makes it once the deadline has passed, where it tells what was seen until then. */
export async function until<Value>(
  what: string | (() => string),
  condition: () => Value | Promise<Value>,
  deadlineMs = 60_000,
): Promise<NonNullable<Value>> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > end) {
      const text = typeof what === 'string' ? what : what()
      throw new Error(`waited ${deadlineMs} ms in vain for: ${text}`)
    }
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
}
