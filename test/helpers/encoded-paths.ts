// Targets of requests that a proxy may read as a public path and a node behind it as another one, or the other way round:
// climbs from a public path to a private one, from a private one to a public one, and odd spellings of both.

/** Written for a slash, and for two dots between slashes. */
const slashes = ['/', '//', '/./', '%2f', '%2F', '%252f', '\\', '%5c', ';/']
const dots = ['..', '%2e%2e', '.%2E', '..;', '%252e%252e', '..%00', '%c0%ae%c0%ae', '.%09.']

/** Each spelling of one with the plain ones of the other. */
const climbs: readonly (readonly [slash: string, dots: string])[] = [
  ...slashes.map(slash => [slash, '..'] as const),
  ...['/', '%2f', '%2F'].flatMap(slash => dots.slice(1).map(up => [slash, up] as const)),
]

/** In front of a path, behind it, and between one and another. */
const prefixes = [
  'http://site',
  'https://site',
  'http://127.0.0.1:1',
  '//site',
  '/',
  '/.',
  '/a/..',
  '/%2e',
  '/;',
  '*',
]
const suffixes = [
  '/',
  '//',
  '/.',
  '%2f',
  '%20',
  '%00',
  '%0d%0a',
  '%0d%0aX:%20y',
  '%3f',
  '%23',
  ';',
  ';a=b',
  '?',
  '#',
  '\\',
  '\0',
]
const joints = [
  '?',
  '#',
  '%3f',
  '%23',
  '%00',
  '\0',
  ';',
  '%0d%0a',
  '%20HTTP/1.1%0d%0aa:',
  '%3f/..',
  '#/..',
  '?/..',
  '&',
  '\t',
  '@',
]

/** Paths begin with a slash. A public one that ends with a slash stands for all behind it. */
export function encodedTargets(publicPaths: readonly string[], privatePaths: readonly string[]): string[] {
  const targets = new Set<string>()
  for (const open of publicPaths) {
    for (const closed of privatePaths) {
      for (const [slash, up] of climbs) {
        targets.add(climb(open, closed, slash, up))
        // From a segment below, so that what may be anything there is used, too.
        targets.add(climb(`${open.replace(/\/$/, '')}/a`, closed, slash, up))
        targets.add(climb(closed, open, slash, up))
        targets.add(climb(`${closed}/a`, open, slash, up))
      }
      for (const joint of joints)
        for (const pair of [
          [open, closed],
          [closed, open],
        ])
          targets.add(pair.join(joint))
    }
  }
  for (const path of [...privatePaths, ...publicPaths]) {
    targets.add(path.toUpperCase())
    targets.add(path.replace(/(?<=\/)[a-z]/, letter => `%${letter.charCodeAt(0).toString(16)}`))
    targets.add(path.replaceAll('/', '%2f').replace('%2f', '/'))
    for (const prefix of prefixes) targets.add(prefix + path)
    for (const suffix of suffixes) targets.add(path + suffix)
  }
  return [...targets]
}

/** From one path to another by as many steps up as there are segments that they do not share. */
function climb(from: string, to: string, slash: string, up: string): string {
  const [start, end] = [from, to].map(path => path.split('/').slice(1)) as [string[], string[]] // two each
  const given = start.at(-1) === '' ? start.slice(0, -1) : start
  const shared = given.findIndex((segment, at) => segment !== end[at])
  const common = shared < 0 ? given.length : shared
  const steps = given.slice(common).map(() => `${slash}${up}`)
  const rest = end.slice(common).map(segment => `${slash}${segment}`)
  return `/${given.join('/')}${steps.join('')}${rest.join('')}`
}
