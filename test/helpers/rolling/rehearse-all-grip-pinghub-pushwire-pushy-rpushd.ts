// The rolling restart with every protocol, as the test and the soak play it.
import type { TestContext } from 'node:test'
import { KeepingOrigin, rollingWith } from '../grip/returning.ts'
import { rolling as pinghub } from '../pinghub/returning.ts'
import { rolling as pushwire } from '../pushwire/returning.ts'
import { rolling as pushy } from '../pushy/returning.ts'
import { rolling as rpushd } from '../rpushd/returning.ts'
import { type RollingOptions, type RollingReport, rehearseRolling } from './rehearsal.ts'
import { behindHaproxy, behindNginx } from './sites.ts'

export const fronts = { nginx: behindNginx, haproxy: behindHaproxy } as const

/** What was seen is told beside the test. */
export async function rehearseAll(
  t: TestContext,
  options: Omit<RollingOptions, 'protocols'>,
): Promise<RollingReport> {
  const origin = await KeepingOrigin.open()
  t.after(() => origin.close())
  const protocols = [rpushd, pinghub, pushy, rollingWith(origin), pushwire]
  const report = await rehearseRolling(t, { ...options, protocols })
  t.diagnostic(JSON.stringify(report))
  return report
}
