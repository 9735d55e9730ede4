import type { Command } from 'commander'
import type { Common } from './arguments/options.ts'
import { commonCommand } from './arguments/options.ts'
import { asTechnician } from './daemon/technician.ts'
import { print, printed, printJson } from './terminal/output.ts'

type Options = Common & { renew?: boolean; qr?: boolean }

export function displayCommand(): Command {
  return commonCommand('display', "address of a register's display for the customer")
    .argument('<register>', 'id or name of the register')
    .option('--renew', 'make a new address; the former one shows nothing from now on')
    .option('--qr', 'as a QR code too: a tablet scans it')
    .action(async (id: string, { config, json, renew = false, qr = false }: Options) => {
      const address = await asTechnician(config, (technician) => technician.display(id, renew))
      if (json) printJson(address)
      else {
        print(address.url)
        if (qr) await showCode(address.url)
      }
      await printed()
    })
}

async function showCode(text: string): Promise<void> {
  const { qrLines } = await import('./terminal/qr.ts')
  for (const line of qrLines(text)) print(line)
}
