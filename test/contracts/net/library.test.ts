// The native library that is loaded is the one that was judged. The lock file pins the archive it came in; this notices
// a file that was put in its place.
import { deepEqual } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** SHA-256, by architecture and by what Node.js calls its modules: 115 is Node.js 20, 120 is 21, 127 is 22. */
const judged: Readonly<Record<string, string>> = {
  'uws_linux_arm_115.node': 'b02d5bc5ab08f040b6b9b818c3eb92806611f77a4dc2439a8f14cac827d498be',
  'uws_linux_arm_120.node': '814b5e63337d5072a85276d5279824b4f9817f8008fcff1f4a4345e2f2c30444',
  'uws_linux_arm_127.node': '0e1d4024b629a1fe17ec76cde8fe7e320101eb8bdcf7b2c4086933932e3cea23',
  'uws_linux_arm64_115.node': 'c0e29fc143b46b584f3debec7910014ec228198fc1f17aaeacd1de7991bd3769',
  'uws_linux_arm64_120.node': 'a855e3b7cc0db70ec503e296d50e91d2435db679bc3bd5433d7dae30e93c9b3c',
  'uws_linux_arm64_127.node': 'd4c4f8b2c28c5f6544b49e36d91b0beee238a5b90a07904a947f77061c8b814d',
  'uws_linux_x64_115.node': '6f8d96d761a64beddb060f1f7f0e617dd293ed127ec1d57507aa561a0083171e',
  'uws_linux_x64_120.node': 'fcb1172837abd2a2dd130f6c6502f18e9b562a5d88bcc3bcdca5e6e710278080',
  'uws_linux_x64_127.node': '8cabc918bbf9a07323e54f89a33882491080b2eb35df0607f473ccdb1f3c31af',
}

/** What chooses among them. */
const loaders: Readonly<Record<string, string>> = {
  'index.mjs': 'e4fa567af73f2bafe341e73ffa000c1468d2b4751d7d7f8fedf98c8fd76bee48',
  'uws.mjs': 'a1389702699f87aaab8a272f47c3219a5f926e91a300c4e398383c17a7e6d603',
}

const folder = dirname(fileURLToPath(import.meta.resolve('uWebSockets.js')))

const sumsIn = (path: string, names: readonly string[]) =>
  Object.fromEntries(
    names.map(name => [
      name,
      createHash('sha256')
        .update(readFileSync(join(path, name)))
        .digest('hex'),
    ]),
  )

describe('the native library', () => {
  test('has the binaries for Linux that were judged, and no others for the versions of Node.js that we run on', () => {
    const names = readdirSync(join(folder, 'bin')).filter(name => /^uws_linux_\w+_(?!108\.)/.test(name))
    deepEqual(sumsIn(join(folder, 'bin'), names.sort()), judged)
  })

  test('is chosen by the loader that was judged', () => {
    deepEqual(sumsIn(folder, Object.keys(loaders)), loaders)
  })
})
