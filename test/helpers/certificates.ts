// Certificates that are made when a test wants them, with the program that everybody has.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
  /** Where they lie. */
  readonly certPath: string
  readonly keyPath: string
}

export interface Authority {
  /** PEM. */
  readonly cert: string
  /** Signed for these names, `DNS:a.example` or `IP:127.0.0.1`; without any for a client. */
  issue(...names: readonly string[]): Certificate
}

export function createAuthority(t: Pick<TestContext, 'after'>): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'ringcast-certificates-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const run = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const request = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  run(...request, '-x509', '-days', '2', '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem')
  let count = 0
  return {
    cert: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    issue(...names) {
      const name = `leaf-${count++}`
      const [keyPath, certPath] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
      const extension = names.length > 0 ? `subjectAltName=${names.join(',')}` : 'extendedKeyUsage=clientAuth'
      writeFileSync(join(folder, `${name}.ext`), extension)
      run(...request, '-subj', `/CN=${name}`, '-keyout', keyPath, '-out', `${name}.csr`)
      const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2']
      run('x509', '-req', '-in', `${name}.csr`, ...signed, '-extfile', `${name}.ext`, '-out', certPath)
      return { cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8'), certPath, keyPath }
    },
  }
}
