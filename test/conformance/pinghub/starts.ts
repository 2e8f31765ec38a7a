// What `ringcast pinghub` makes of the original's flags: refused with a text and a status, or taken in the form that our
// settings read.

export interface Start {
  readonly name: string
  readonly args: readonly string[]
  readonly given?: Readonly<Record<string, string>>
  readonly expect: Refused | Taken
  /** What says so. */
  readonly from: string
}

interface Refused {
  readonly status: number
  /** The first line; usage follows where the status is 2. */
  readonly line: RegExp
}

/** Among the settings that the node is started with; undefined: not given. */
interface Taken {
  readonly settings: Readonly<Record<string, string | undefined>>
  readonly logFile?: string
}

const listen = 'RINGCAST_PINGHUB_LISTEN'
const metrics = 'RINGCAST_PINGHUB_METRICS_LISTEN'
const origins = 'RINGCAST_PINGHUB_ORIGINS'

const taken = (settings: Taken['settings'], logFile?: string): Taken => ({
  settings,
  ...(logFile && { logFile }),
})
const flags = 'Pinghub, configuration'
const faults = 'Pinghub, faults: refused with a sentence in place of silence or a panic'

export const starts: readonly Start[] = [
  {
    name: 'without a flag everybody is let in',
    args: [],
    expect: taken({
      RINGCAST_MODE: 'production',
      RINGCAST_ADMIN_LISTEN: 'off',
      RINGCAST_PINGHUB_SUBSCRIBE: '*',
      RINGCAST_PINGHUB_PUBLISH: '*',
      [listen]: undefined,
      [metrics]: undefined,
      [origins]: undefined,
    }),
    from: flags,
  },
  {
    name: 'our own lists come first',
    args: [],
    given: { RINGCAST_PINGHUB_PUBLISH: 'a/*', RINGCAST_ADMIN_LISTEN: '7878' },
    expect: taken({ RINGCAST_PINGHUB_PUBLISH: 'a/*', RINGCAST_ADMIN_LISTEN: '7878' }),
    from: 'ours',
  },
  ...[
    ['-addr', '127.0.0.1:9000'],
    ['-addr=127.0.0.1:9000'],
    ['--addr', '127.0.0.1:9000'],
    ['--addr=127.0.0.1:9000'],
    ['-addr=1:1', '-addr=127.0.0.1:9000'],
    ['-addr', '127.0.0.1:9000', 'and', '-more'],
    ['-addr', '127.0.0.1:9000', '--', '-more'],
    ['-addr', '127.0.0.1:9000', '-', '-more'],
  ].map(args => ({
    name: `flags are written like ${args.join(' ')}`,
    args,
    given: { [listen]: '127.0.0.1:1' },
    expect: taken({ [listen]: '127.0.0.1:9000' }),
    from: flags,
  })),
  ...(
    [
      [':9000', '0.0.0.0:9000'],
      ['[::1]:9000', '[::1]:9000'],
      ['localhost:0', 'localhost:0'],
      ['/run/pinghub.sock', 'unix:/run/pinghub.sock'],
    ] as const
  ).map(([text, value]) => ({
    name: `the address ${text}`,
    args: ['-addr', text],
    expect: taken({ [listen]: value }),
    from: flags,
  })),
  ...['', '9000', 'localhost', 'localhost:http', '127.0.0.1:65536', 'run/pinghub.sock'].map(text => ({
    name: `the address '${text}'`,
    args: [`-addr=${text}`],
    expect: { status: 1, line: /^-addr: cannot listen on '.*'/ },
    from: faults,
  })),
  ...['9001', '127.0.0.1:9001', '0.0.0.0:9001'].map(text => ({
    name: `the metrics port ${text}`,
    args: ['-mport', text],
    expect: taken({ [metrics]: text }),
    from: `${flags}; faults: host:port too`,
  })),
  ...['', 'munin', '65536', 'unix:/tmp/metrics'].map(text => ({
    name: `the metrics port '${text}'`,
    args: [`-mport=${text}`],
    expect: { status: 1, line: /^-mport: '.*' is neither/ },
    from: faults,
  })),
  ...['https://example.com', 'http://example.com:8080', 'https://[::1]:9'].map(text => ({
    name: `the origin ${text}`,
    args: ['-origin', text],
    expect: taken({ [origins]: text }),
    from: flags,
  })),
  ...['HTTPS://example.com/app?a#b', 'https://user@example.com'].map(text => ({
    name: `the origin ${text}, whose scheme and host count alone`,
    args: ['-origin', text],
    expect: taken({ [origins]: 'https://example.com' }),
    from: flags,
  })),
  {
    name: 'an empty origin is none',
    args: ['-origin='],
    expect: taken({ [origins]: undefined }),
    from: flags,
  },
  ...['example.com', 'null', '://x', 'https://', '%zz'].map(text => ({
    name: `the origin '${text}'`,
    args: [`-origin=${text}`],
    expect: { status: 1, line: /^Failed to parse origin / },
    from: faults,
  })),
  {
    name: 'a log file',
    args: ['-log', '/var/log/pinghub.log'],
    expect: taken({}, '/var/log/pinghub.log'),
    from: flags,
  },
  {
    name: 'a log file by a relative path',
    args: ['-log', 'pinghub.log'],
    expect: { status: 1, line: /^-log: 'pinghub.log' is no absolute path$/ },
    from: faults,
  },
  ...['-h', '-help', '--help', '-h=1'].map(flag => ({
    name: `${flag} shows the usage`,
    args: [flag],
    expect: { status: 0, line: /^Usage of pinghub:$/ },
    from: flags,
  })),
  {
    name: 'an unknown flag',
    args: ['-port', '1'],
    expect: { status: 2, line: /^flag provided but not defined: -port$/ },
    from: flags,
  },
  {
    name: 'a flag without its value',
    args: ['-addr'],
    expect: { status: 2, line: /^flag needs an argument: -addr$/ },
    from: flags,
  },
  ...['---addr', '-=x', '--=x'].map(flag => ({
    name: `${flag} is no flag`,
    args: [flag],
    expect: { status: 2, line: new RegExp(`^bad flag syntax: ${flag}$`) },
    from: flags,
  })),
]
