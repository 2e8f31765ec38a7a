// `ringcast settings`: the reference of all settings, in the form that the reader needs. Everything is derived from
// what the rooms describe.
import { type Command, Option } from 'commander'
import { sectionsFor } from '../app/node.ts'
import { settingsReference } from '../settings/reference.ts'
import { exitCode, helpEnd, type Shell } from './output.ts'
import { settingsPage } from './settings-page.ts'
import { sampleEnvironment, sampleFile } from './settings-sample.ts'

/** Wider lines are hard to read, however wide the window is. */
const columnsMax = 110

export function addSettings(program: Command, shell: Shell): void {
  program
    .command('settings')
    .summary('print the reference of all settings')
    .usage('[options]')
    .description(
      'Prints every setting with its variable, its flag, its default and what it means: for reading, or as a sample ' +
        'file in which every setting is commented out at its default.',
    )
    .addOption(new Option('--yaml', 'a sample settings file').conflicts(['env', 'markdown']))
    .addOption(new Option('--env', 'a sample file of variables').conflicts(['yaml', 'markdown']))
    .addOption(new Option('--markdown', 'a table for each room').conflicts(['yaml', 'env']))
    .addHelpText(
      'after',
      helpEnd(
        [
          'ringcast settings | less',
          'ringcast settings --yaml > ringcast.yaml',
          'ringcast settings --env > ringcast.env',
        ],
        { 0: 'printed', 2: 'wrong usage' },
      ),
    )
    .action((options: { readonly yaml?: true; readonly env?: true; readonly markdown?: true }) => {
      const { terminal, known } = shell
      const sections = sectionsFor(known)
      if (options.yaml) terminal.print(sampleFile(sections))
      else if (options.env) terminal.print(sampleEnvironment(sections))
      else if (options.markdown) terminal.print(settingsReference(sections))
      else terminal.print(settingsPage(sections, Math.min(terminal.columns, columnsMax)))
      shell.end(exitCode.ok)
    })
}
