// The other end of NOTIFY_SOCKET: a unix datagram socket, which Node.js lacks, held by a few lines of Perl (a part of
// every Debian). Like a service manager it keeps what came, in order.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { until } from './until.ts'

/** Each datagram as one line, its own line ends as blanks. */
const program = `
  use Socket; $| = 1;
  socket(S, AF_UNIX, SOCK_DGRAM, 0) or die $!;
  bind(S, pack_sockaddr_un($ARGV[0])) or die $!;
  while (defined recv(S, $_, 65536, 0)) { s/\\n/ /g; print "$_\\n"; }
`

export interface NoticeSocket {
  readonly path: string
  /** In the order of arrival; `systemd-notify` waits by a notice BARRIER=1, which is left out. */
  readonly notices: readonly string[]
}

export async function openNoticeSocket(t: TestContext): Promise<NoticeSocket> {
  const folder = mkdtempSync(join(tmpdir(), 'notices-'))
  const path = join(folder, 'socket')
  const child = spawn('perl', ['-e', program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    rmSync(folder, { recursive: true })
  })
  const notices: string[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    if (!line.startsWith('BARRIER=')) notices.push(line.trim())
  })
  await until('the socket', () => existsSync(path))
  return { path, notices }
}
