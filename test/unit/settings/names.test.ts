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
})
