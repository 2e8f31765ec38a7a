// What this instance calls itself towards backends and observers. In containers every node may have the same process id.
import { hostname } from 'node:os'

export function instanceName(host = hostname(), pid = process.pid): string {
  return `ringcast-${host}-${pid}`
}
