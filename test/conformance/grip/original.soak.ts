// The rows that wait for a minute, against the original.
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { longExchanges } from './exchanges.ts'
import { playTable } from './play-table.ts'
import { startOriginal } from './server.ts'

playTable(longExchanges, {
  title: 'Pushpin 1.36',
  start: startOriginal,
  isOriginal: true,
  skip: isPushpinMissing(),
})
