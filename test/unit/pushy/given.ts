// What tests of pushy's room are given: settings, and files of keys.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type PushySettings, pushySection } from '../../../src/frontends/pushy/settings.ts'

export function settingsWith(changes: Partial<PushySettings>): PushySettings {
  const presets = Object.entries(pushySection.fields).flatMap(([key, field]) =>
    'default' in field ? [[key, field.default]] : [],
  )
  return { ...Object.fromEntries(presets), secret: ['s'], clientSecret: ['p'], ...changes }
}

/** A file that says this, gone behind the test. */
export function fileOf(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'keys.json')
  writeFileSync(path, text)
  return path
}
/** A key set of one secret. */
export const setOf = (secret: string) =>
  JSON.stringify({ keys: [{ kty: 'oct', alg: 'HS512', k: Buffer.from(secret).toString('base64url') }] })
