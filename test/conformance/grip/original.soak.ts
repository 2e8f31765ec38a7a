// The rows that wait for a minute, against the original.
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { exchanges } from './exchanges.ts'
import { playTable } from './play-table.ts'
import { startOriginal } from './server.ts'

playTable(exchanges.original.soak, {
  title: 'Pushpin 1.36',
  start: startOriginal,
  isOriginal: true,
  skip: isPushpinMissing(),
})
