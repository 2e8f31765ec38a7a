import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { flagOf, pathOf, unknownText, variableOf } from '../../../src/settings/names.ts'

describe('names', () => {
  test('variable, path and flag derive from section and key', () => {
    deepEqual(
      [variableOf('door', 'openMs'), pathOf('door', 'openMs'), flagOf('door', 'openMs')],
      ['RINGCAST_DOOR_OPEN_MS', 'door.open_ms', 'door.open-ms'],
    )
    deepEqual(
      [variableOf('', 'stateDir'), pathOf('', 'stateDir'), flagOf('', 'stateDir')],
      ['RINGCAST_STATE_DIR', 'state_dir', 'state-dir'],
    )
  })

  test('a near name is offered whatever its case, a far one is not', () => {
    deepEqual(unknownText('WORKRES', ['workers', 'mode']), 'is unknown; did you mean workers?')
    deepEqual(unknownText('banana', ['workers', 'mode']), 'is unknown')
    deepEqual(unknownText('banana', []), 'is unknown')
  })

  test('a unit that is left out or wrong hides no name', () => {
    const paths = [
      'rpushd.secret',
      'pushy.heartbeat_ms',
      'rpushd.heartbeat_ms',
      'rpushd.body_bytes_max',
      'rpushd.body',
    ]
    for (const [name, meant] of [
      ['rpushd.hearbeat', 'rpushd.heartbeat_ms'],
      ['rpushd.heartbeat_secs', 'rpushd.heartbeat_ms'],
      ['rpushd.body_max', 'rpushd.body_bytes_max'],
      ['rpushd.bod', 'rpushd.body'],
    ] as const) {
      deepEqual(unknownText(name, paths), `is unknown; did you mean ${meant}?`)
    }
    const variables = ['RINGCAST_RPUSHD_SECRET', 'RINGCAST_RPUSHD_HEARTBEAT_MS']
    deepEqual(
      unknownText('RINGCAST_RPUSHD_HEARBEAT', variables),
      'is unknown; did you mean RINGCAST_RPUSHD_HEARTBEAT_MS?',
    )
  })

  test('a section that is left out hides no name, and another one that has the same goes behind', () => {
    const flags = ['--workers', '--pushy.heartbeat-ms', '--rpushd.heartbeat-ms', '--rpushd.channels-max']
    deepEqual(unknownText('--channels-max', flags), 'is unknown; did you mean --rpushd.channels-max?')
    deepEqual(unknownText('--rpushd.heartbeat', flags), 'is unknown; did you mean --rpushd.heartbeat-ms?')
    deepEqual(unknownText('--wrokers', flags), 'is unknown; did you mean --workers?')
    deepEqual(unknownText('--banana', flags), 'is unknown')
  })
})
