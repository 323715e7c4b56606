/** `castellan secret`: a fresh secret for CASTELLAN_SECRET_KEY. */

import { newSecret } from '../../keys/secret.ts'
import { type Command, EXIT } from './command.ts'

export const secret: Command = {
  name: 'secret',
  summary: 'Print a fresh secret for CASTELLAN_SECRET_KEY.',
  description: '256 random bits as 43 characters. Nothing is written anywhere.',
  options: {},
  async run(_, { terminal, randomBytes }) {
    terminal.print(newSecret(randomBytes))
    return EXIT.done
  },
}
