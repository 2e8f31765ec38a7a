// What a good secret is: how one is made, and which are too weak for strangers to guess at.
import type { Random } from '../std/random.ts'

/** As many bits as an attacker could never try, in the form that the advice below makes, too. */
const secretBytes = 24

/** Characters: 64 bits in hexadecimal digits, which nobody guesses over a network. One that is made as we say has 48. */
const secretLengthMin = 16

/** Fewer are a pattern: one character repeated, or a few alternating. */
const distinctMin = 5

/** What samples and manuals put where a secret belongs. */
const placeholder = /change|replace|example|placeholder|password|passw0rd|your[-_ ]?secret/i

export const secretAdvice = `one way to make one: openssl rand -hex ${secretBytes}`

export function makeSecret(random: Random): string {
  return random.hex(secretBytes)
}

/** Follows the secret's name in a sentence; undefined: it is good enough. */
export function weaknessOf(secret: string): string | undefined {
  if (secret.length < secretLengthMin)
    return `is too short for production: under ${secretLengthMin} characters`
  if (new Set(secret).size < distinctMin)
    return `is too simple for production: under ${distinctMin} different characters`
  if (placeholder.test(secret)) return 'looks like a placeholder'
  return undefined
}
