// `ringcast pushy`: the variables of the original, both generations, then our node. What the second one requires is
// asked for only where one of its variables is there; without any of them this is the first one.
import type { DropIn } from '../frontend.ts'

type Environment = Parameters<DropIn['read']>[1]

const secret = 'AUTH_SECRET_KEY'
const credentials = ['PUBLISHER_CLIENT_ID', 'PUBLISHER_CLIENT_SECRET'] as const
const usualPort = '4000'

/** As the original's README writes it; user and password may be percent-encoded. */
const redisForm =
  /^(?<scheme>rediss?):\/\/(?:(?<user>[^:@/\s]*)(?::(?<password>[^@/\s]*))?@)?(?<place>(?:\[[\da-fA-F:.]+\]|[^@/\s:[\]]+)(?::\d{1,5})?)(?:\/(?<database>\d*))?$/

export const dropIn: DropIn = {
  summary:
    'In place of Pushy, with its variables (AUTH_SECRET_KEY, PUBLISHER_CLIENT_ID, REDIS_URL, PORT, …).',
  read(args, environment) {
    if (args.length > 0) {
      const line = 'ringcast pushy takes no arguments, since Pushy has none; set its variables instead'
      return { ok: false, lines: [line], status: 2 }
    }
    const cluster = clusterOf(environment)
    const lines = mistakesIn(environment)
    // Its value may hold a password, so it is not shown.
    if (cluster === 'unfit') lines.push('REDIS_URL must look like redis://user:password@host:port/0')
    if (cluster === 'unfit' || lines.length > 0) return { ok: false, lines, status: 1 }
    const { PORT: port = usualPort } = environment
    return {
      ok: true,
      remarks: cluster?.remarks ?? [],
      environment: {
        RINGCAST_MODE: 'production',
        RINGCAST_ADMIN_LISTEN: 'off',
        RINGCAST_PUSHY_LISTEN: `0.0.0.0:${port}`,
        ...(isSecond(environment) ? {} : asFirst),
        ...cluster?.environment,
        ...environment,
      },
    }
  },
}

/** Its tokens name no channels, and each opens all. */
const asFirst: Environment = {
  RINGCAST_PUSHY_G1_OPEN: 'true',
  RINGCAST_PUSHY_SUBSCRIBE: '*',
  RINGCAST_PUSHY_PUBLISH: '*',
}

function isSecond(environment: Environment): boolean {
  return credentials.some(name => isGiven(name, environment))
}

function mistakesIn(environment: Environment): string[] {
  const { PORT: port } = environment
  const lines: string[] = []
  const required = isSecond(environment) ? [secret, ...credentials] : [secret]
  for (const name of required) {
    if (!isGiven(name, environment)) lines.push(`${name} not set`)
    else if (isEmpty(name, environment)) lines.push(`${name} must not be empty`)
  }
  if (port !== undefined && !isPort(port)) lines.push(`PORT must be a port, 1 to 65535, not '${port}'`)
  return lines
}

interface Cluster {
  readonly environment: Environment
  readonly remarks: readonly string[]
}

/**
 * All servers with the same Redis are one, as with the original. It means so here alone: a node that is not started in place of
 * Pushy has settings of its own for that. Those count, where they are there.
 */
function clusterOf(environment: Environment): Cluster | 'unfit' | undefined {
  const { REDIS_URL: redis = '' } = environment
  if (redis === '' || ownCluster.some(name => environment[name] !== undefined)) return undefined
  const groups = redisForm.exec(redis)?.groups
  const [user, password] = [decode(groups?.['user']), decode(groups?.['password'])]
  if (groups === undefined || user === undefined || password === undefined) return 'unfit'
  const { scheme, place, database = '' } = groups
  const hasOwnPassword = environment['RINGCAST_CLUSTER_PASSWORD_FILE'] !== undefined
  return {
    environment: {
      RINGCAST_CLUSTER_MODE: 'redis',
      RINGCAST_CLUSTER_URL: `${scheme}://${place}`,
      // A user without a password is nobody.
      ...(user !== '' && password !== '' && { RINGCAST_CLUSTER_USERNAME: user }),
      ...(password !== '' && !hasOwnPassword && { RINGCAST_CLUSTER_PASSWORD: password }),
    },
    remarks:
      Number(database) === 0
        ? []
        : [
            `database ${database} of REDIS_URL is not used: servers that are to stand apart on one Redis need RINGCAST_CLUSTER_PREFIX`,
          ],
  }
}

const ownCluster = ['RINGCAST_CLUSTER_MODE', 'RINGCAST_CLUSTER_URL']

/** Undefined: it is not encoded as it should be. */
function decode(text = ''): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Blanks are a secret's own bytes: the original takes it as it stands. */
function isEmpty(name: string, environment: Environment): boolean {
  const value = environment[name]
  return value === '' || (name !== secret && value?.trim() === '')
}

/** Ours, and files named by ours, count as given; what they hold is judged with all other settings. */
function isGiven(name: string, environment: Environment): boolean {
  const own = ownNames[name as keyof typeof ownNames] // the three names above are its keys
  return [name, `${name}_FILE`, own, `${own}_FILE`].some(each => environment[each] !== undefined)
}

const ownNames = {
  AUTH_SECRET_KEY: 'RINGCAST_PUSHY_SECRET',
  PUBLISHER_CLIENT_ID: 'RINGCAST_PUSHY_CLIENT_ID',
  PUBLISHER_CLIENT_SECRET: 'RINGCAST_PUSHY_CLIENT_SECRET',
} as const

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
}
