// Names of functions that scripts of other pages ask to be called by (contract §12.2, §12.3). The original repeats whatever it
// is given, and so runs code that a link brought along; here a name is a path to a function, and nothing else.

/** Libraries need less; what is repeated in each answer shall not be long. */
const lengthMax = 256

/** `a`, `a.b`, `a[0].b`, `a['b-c']`. */
const path = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*|\[(?:\d+|'[\w$.:-]*'|"[\w$.:-]*")\])*$/

export function isCallback(text: string): boolean {
  return text.length <= lengthMax && path.test(text)
}

/** A JSON string that is also one in scripts of before 2019, which took U+2028 and U+2029 for ends of lines. */
export function scriptString(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, one => (one === '\u2028' ? '\\u2028' : '\\u2029'))
}

/** The comment in front keeps an answer from being taken for a program of another kind, whatever the name is. */
export function callTo(callback: string, argument: string): string {
  return `/**/${callback}(${argument});\n`
}
