// Stands in for `node:test` while a file is asked for the names of its tests: suites are entered, tests are not run.

/** Each test by all names that node holds against a pattern: its own and its suites', alone and behind one another. */
export const listed: (readonly string[])[] = []

const suites: string[] = []

/** An object of options may stand before the body. */
export function describe(name: string, ...rest: readonly unknown[]): void {
  const body = rest.at(-1)
  if (typeof body !== 'function') throw new Error(`the suite ${name} has no body`)
  suites.push(name)
  const entered: unknown = body()
  suites.pop()
  if (entered instanceof Promise) throw new Error(`the suite ${name} is not entered at once`)
}

export function test(name: string): void {
  const path = [...suites, name]
  listed.push(path.flatMap((own, depth) => [own, path.slice(0, depth + 1).join(' ')]))
}

const nothing = () => {}
export const before = nothing
export const after = nothing
export const beforeEach = nothing
export const afterEach = nothing
