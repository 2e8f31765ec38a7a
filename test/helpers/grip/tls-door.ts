// A door over TLS, with a certificate of its own authority, where Pushpin looks for it: in a folder, named after the port.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Certificate, createAuthority } from '../certificates.ts'
import { freePort } from '../proxies.ts'
import type { TlsPlace } from '../raw-client.ts'

export interface TlsDoor {
  readonly place: TlsPlace
  /** What a daemon has to be told. */
  readonly environment: Readonly<Record<string, string>>
  issue(): Certificate
  /** In place of the certificate that is there. */
  install(certificate: Certificate): void
}

export async function tlsDoor(t: Pick<TestContext, 'after'>): Promise<TlsDoor> {
  const folder = mkdtempSync(join(tmpdir(), 'grip-doors-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const authority = createAuthority(t)
  const port = await freePort()
  const issue = () => authority.issue('IP:127.0.0.1')
  const install = ({ certPath, keyPath }: Certificate) => {
    copyFileSync(certPath, join(folder, `default_${port}.crt`))
    copyFileSync(keyPath, join(folder, `default_${port}.key`))
  }
  install(issue())
  return {
    place: { host: '127.0.0.1', port, ca: authority.cert },
    environment: {
      RINGCAST_GRIP_TLS_LISTEN: `127.0.0.1:${port}`,
      RINGCAST_GRIP_TLS_CERTIFICATES: folder,
    },
    issue,
    install,
  }
}
