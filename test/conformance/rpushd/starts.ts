// What `ringcast rpushd` makes of the original's variables: refused with its text and status, or taken in the form
// that our settings read. Rows follow the order in which the original looks at them.

type Environment = Readonly<Record<string, string>>

export interface Start {
  readonly name: string
  /** Added to two secrets; undefined takes one away. */
  readonly given: Readonly<Record<string, string | undefined>>
  readonly args?: readonly string[]
  readonly expect: Refused | Taken
  /** What says so. */
  readonly from: string
  /** Also shown by a process, which costs time. */
  readonly asProcess?: true
}

interface Refused {
  readonly status: number
  /** Behind time and level, or the whole line where `bare`. */
  readonly message: string
  readonly bare?: true
}

/** Among the settings that the node is started with; undefined: not given. */
interface Taken {
  readonly settings: Readonly<Record<string, string | undefined>>
}

export const givenSecrets: Environment = { RPUSHD_SECRET: 'sub', RPUSHD_PUBLISH_SECRET: 'pub' }

const configuration = 'rpushd 1.0.3, configuration'

const refused = (message: string): Refused => ({ status: 1, message })
const taken = (settings: Taken['settings']): Taken => ({ settings })

const listens: readonly Start[] = [
  ...['localhost:45831', '45831', '', ' 127.0.0.1:45831', '127.0.0.1', '/run/rpushd.sock', '01.2.3.4:80'].map(
    text => ({
      name: `the address '${text}'`,
      given: { RPUSHD_LISTEN: text },
      expect: refused('Invalid rpushd listen address: invalid socket address syntax'),
      from: `${configuration}; test table 37`,
      ...(text === 'localhost:45831' ? ({ asProcess: true } as const) : {}),
    }),
  ),
  ...['0.0.0.0:45831', '[::1]:80', '127.0.0.1:0'].map(text => ({
    name: `the address '${text}'`,
    given: { RPUSHD_LISTEN: text },
    expect: taken({ RPUSHD_LISTEN: text }),
    from: configuration,
  })),
  {
    name: 'a port with zeros in front',
    given: { RPUSHD_LISTEN: '127.0.0.1:0045831' },
    expect: taken({ RPUSHD_LISTEN: '127.0.0.1:45831' }),
    from: configuration,
  },
]

const secretRows: readonly Start[] = ['RPUSHD_SECRET', 'RPUSHD_PUBLISH_SECRET'].flatMap((name): Start[] => [
  {
    name: `${name} is missing`,
    given: { [name]: undefined },
    expect: refused(`${name} is required`),
    from: configuration,
    asProcess: true,
  },
  ...['', '  ', '\t\u0085\u3000\n'].map(text => ({
    name: `${name} is ${JSON.stringify(text)}`,
    given: { [name]: text },
    expect: refused(`${name} must not be empty`),
    from: `${configuration}; test table 38`,
    ...(text === '  ' ? ({ asProcess: true } as const) : {}),
  })),
  {
    name: `${name} is not UTF-8, and so counts as absent`,
    given: { [name]: 'a\ufffdb' },
    expect: refused(`${name} is required`),
    from: configuration,
  },
  {
    name: `${name} has white space around it`,
    given: { [name]: ' \u0085 se cret\u3000\n' },
    expect: taken({ [name]: 'se cret' }),
    from: configuration,
  },
  {
    name: `${name} is in a file`,
    given: { [name]: undefined, [`${name}_FILE`]: '/run/secret' },
    expect: taken({ [name]: undefined, [`${name}_FILE`]: '/run/secret' }),
    from: 'README.md, In place of the original',
  },
  {
    name: `${name} is given under our name`,
    given: { [name]: undefined, [`RINGCAST_${name}`]: 'ours' },
    expect: taken({ [name]: undefined, [`RINGCAST_${name}`]: 'ours' }),
    from: 'README.md, In place of the original',
  },
])

const numbers: readonly Start[] = ['RPUSHD_HEARTBEAT_SECS', 'RPUSHD_CHANNEL_IDLE_TTL_SECS'].flatMap(
  (name): Start[] => [
    ...[
      ['abc', 'invalid digit found in string'],
      ['', 'cannot parse integer from empty string'],
      ['+', 'invalid digit found in string'],
      ['-1', 'invalid digit found in string'],
      [' 15', 'invalid digit found in string'],
      ['1.5', 'invalid digit found in string'],
      ['18446744073709551616', 'number too large to fit in target type'],
    ].map(([text = '', detail = '']) => ({
      name: `${name} is '${text}'`,
      given: { [name]: text },
      expect: refused(`Invalid ${name} value: ${detail}`),
      from: `${configuration}; test table 39`,
      ...(text === 'abc' ? ({ asProcess: true } as const) : {}),
    })),
    ...[
      ['15', '15'],
      ['+15', '15'],
      ['0020', '20'],
      ['7200', '7200'],
    ].map(([text = '', value = '']) => ({
      name: `${name} is '${text}'`,
      given: { [name]: text },
      expect: taken({ [name]: value }),
      from: configuration,
    })),
    {
      name: `${name} is not UTF-8, and so counts as absent`,
      given: { [name]: '1\ufffd' },
      expect: taken({ [name]: undefined }),
      from: configuration,
    },
  ],
)

const bounds: readonly Start[] = [
  {
    name: 'deviation: no heartbeat',
    given: { RPUSHD_HEARTBEAT_SECS: '0' },
    expect: refused('Invalid RPUSHD_HEARTBEAT_SECS value: it must be at least 1'),
    from: 'README.md, Deviations: heartbeats',
    asProcess: true,
  },
  {
    name: 'no time to live',
    given: { RPUSHD_CHANNEL_IDLE_TTL_SECS: '0' },
    expect: taken({ RPUSHD_CHANNEL_IDLE_TTL_SECS: '0' }),
    from: configuration,
  },
  {
    name: 'deviation: more seconds than anybody waits for',
    given: {
      RPUSHD_HEARTBEAT_SECS: '18446744073709551615',
      RPUSHD_CHANNEL_IDLE_TTL_SECS: '18446744073709551615',
    },
    expect: taken({ RPUSHD_HEARTBEAT_SECS: '2147483', RPUSHD_CHANNEL_IDLE_TTL_SECS: '3153600000' }),
    from: 'README.md, Deviations: environment',
  },
]

const order: readonly Start[] = [
  ['RPUSHD_LISTEN', 'Invalid rpushd listen address: invalid socket address syntax'],
  ['RPUSHD_SECRET', 'RPUSHD_SECRET must not be empty'],
  ['RPUSHD_PUBLISH_SECRET', 'RPUSHD_PUBLISH_SECRET must not be empty'],
  ['RPUSHD_HEARTBEAT_SECS', 'Invalid RPUSHD_HEARTBEAT_SECS value: cannot parse integer from empty string'],
  [
    'RPUSHD_CHANNEL_IDLE_TTL_SECS',
    'Invalid RPUSHD_CHANNEL_IDLE_TTL_SECS value: cannot parse integer from empty string',
  ],
].map(([name = '', message = ''], index, all) => ({
  name: `${name} and all that follow are wrong: the first is told`,
  given: Object.fromEntries(all.slice(index).map(([variable = '']) => [variable, ''])),
  expect: refused(message),
  from: `${configuration}: evaluated in this order`,
}))

const surroundings: readonly Start[] = [
  {
    name: 'nothing but secrets',
    given: {},
    expect: taken({
      RINGCAST_MODE: 'production',
      RINGCAST_ADMIN_LISTEN: 'off',
      RINGCAST_LOG_LEVEL: 'info',
      RPUSHD_LISTEN: undefined,
      RPUSHD_HEARTBEAT_SECS: undefined,
    }),
    from: 'README.md, In place of the original',
  },
  {
    name: 'our own variables come first',
    given: {
      RINGCAST_MODE: 'development',
      RINGCAST_ADMIN_LISTEN: '9000',
      RINGCAST_LOG_LEVEL: 'warn',
      RINGCAST_WORKERS: '2',
      RUST_LOG: 'debug',
    },
    expect: taken({
      RINGCAST_MODE: 'development',
      RINGCAST_ADMIN_LISTEN: '9000',
      RINGCAST_LOG_LEVEL: 'warn',
      RINGCAST_WORKERS: '2',
    }),
    from: 'README.md, In place of the original',
  },
  ...[
    ['debug', 'debug'],
    ['warn,rpushd=trace', 'trace'],
    ['', 'error'],
    ['off', 'silent'],
    ['rpushd=loud', 'info'],
    ['info\ufffd', 'info'],
  ].map(([filter = '', level = '']) => ({
    name: `RUST_LOG is '${filter}'`,
    given: { RUST_LOG: filter },
    expect: taken({ RINGCAST_LOG_LEVEL: level }),
    from: configuration,
  })),
  {
    name: 'NO_COLOR changes nothing: logs have no colours',
    given: { NO_COLOR: '1', RPUSHD_SECRET: undefined },
    expect: refused('RPUSHD_SECRET is required'),
    from: `${configuration}; README.md, Deviations: log`,
  },
  {
    name: 'an argument',
    given: {},
    args: ['--help'],
    expect: {
      status: 2,
      message: 'ringcast rpushd takes no arguments, since rpushd has none; set its variables instead',
      bare: true,
    },
    from: 'README.md, In place of the original',
    asProcess: true,
  },
]

export const starts: readonly Start[] = [
  ...listens,
  ...secretRows,
  ...numbers,
  ...bounds,
  ...order,
  ...surroundings,
]
