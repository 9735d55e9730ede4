import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeviceError } from '../errors.ts'
import type { Simulator } from '../running-simulator.ts'
import { normalSerial } from './simulator-receipt.ts'

/** The service next to an agent, for developers of tills. */
export const SIMULATED_SERVICE: Simulator = {
  choices: ['port', 'latency', 'vda', 'mild'],
  open: async ({ directory, clock, port = 0, latencyMs, vda, mild }) => {
    const { FinanzOnlineSimulator, SIMULATED_ACCOUNT, SIMULATED_MAKER } = await import('./simulator.ts')
    const certificates = vda === undefined ? undefined : await certificatesIn(vda)
    const simulator = new FinanzOnlineSimulator({ directory, clock, latencyMs, certificates, isMild: mild === true })
    const url = `http://127.0.0.1:${await simulator.serve(port)}`
    return {
      service: { url, ...SIMULATED_ACCOUNT, makerVatId: SIMULATED_MAKER },
      inject: (line) => simulator.inject(line),
      clearFaults: () => simulator.clearFaults(),
      close: () => simulator.close(),
    }
  },
}

/** The certificates of a provider (VDA) in a folder, by number. Throws `refused` for a file that is not one in DER. */
async function certificatesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).sort()
  return new Map(
    await Promise.all(
      names.map(async (name): Promise<[string, string]> => {
        const der = await readFile(join(folder, name))
        try {
          return [normalSerial(new X509Certificate(der).serialNumber), der.toString('base64')]
        } catch {
          throw new DeviceError('refused', 'none', `${join(folder, name)} is not a certificate in DER`)
        }
      }),
    ),
  )
}
