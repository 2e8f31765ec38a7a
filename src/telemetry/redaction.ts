// The net below the rule that nobody logs a secret, a token or a payload: should somebody do it all the same, fields
// are judged by their names, errors are cut down to what describes them, and texts lose what looks like a token.
// It knows no configured secret, so it cannot replace the rule.

/** Counters are named like what they count, but a number or a truth is no secret. */
const secretName =
  /secret|token|passw|credential|authorization|bearer|cookie|headers?$|api-?key|private-?key|payload|^body$|^content$/i

/** A JSON Web Token begins like this (RFC 7515: base64url of an object); 16 characters are no word of a sentence. */
const tokenText = /eyJ[\w-]{8,}(?:\.[\w-]*)*|(?<=bearer )[\w.~+/=-]{16,}/gi

const redacted = '[redacted]'
/** The deepest line of ours, the statistics, has four levels. */
const depthMax = 6

/** A line's fields as they may be written. */
export function redactFields(fields: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const entries = Object.entries(fields)
  return Object.fromEntries(entries.map(([name, value]) => [name, redactField(name, value, depth)]))
}

/** A text, or a whole line as JSON: what replaces a token needs no escape. */
export function redactText(text: string): string {
  return text.replace(tokenText, redacted)
}

function redactField(name: string, value: unknown, depth: number): unknown {
  const isHarmless =
    value === undefined || value === null || ['number', 'boolean', 'bigint'].includes(typeof value)
  if (isHarmless) return typeof value === 'bigint' ? String(value) : value
  return secretName.test(name) ? redacted : redactValue(value, depth)
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return describeError(value, depth)
  if (ArrayBuffer.isView(value) || depth >= depthMax) return redacted
  if (Array.isArray(value)) return value.map(item => redactValue(item, depth + 1))
  return 'toJSON' in value ? value : redactFields(value as Record<string, unknown>, depth + 1) // any object has fields
}

/** Errors of libraries carry requests, headers and settings in further fields: those are never printed. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined
      ? {}
      : { cause: depth < depthMax ? redactValue(error.cause, depth + 1) : redacted }),
  }
}
