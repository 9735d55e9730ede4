import { join } from 'node:path'
import { findDaemon } from '../../agent/cli/daemon/admin-client.ts'

/** The technician's commands for the agent of that folder. */
export async function technicianOf(folder: string) {
  const daemon = await findDaemon(join(folder, 'state', 'admin.sock'))
  if (daemon === undefined) throw new Error('the agent does not answer on its admin socket')
  return daemon.technician
}
