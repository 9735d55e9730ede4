import { Command } from 'commander'
import { packageVersion } from '../version.ts'
import { auditCommand } from './audit.ts'
import { backupCommand } from './backup.ts'
import { configCommand } from './config.ts'
import { demoCommand } from './demo.ts'
import { deviceCommand } from './device.ts'
import { doctorCommand } from './doctor.ts'
import { exportCommand } from './export.ts'
import { faultCommand } from './fault.ts'
import { journalCommand } from './journal.ts'
import { keyCommand } from './key.ts'
import { receiverCommand } from './receiver.ts'
import { restoreCommand } from './restore.ts'
import { runCommand } from './run.ts'
import { serviceCommand } from './service.ts'
import { simulateCommand } from './simulate.ts'
import { supportCommand } from './support.ts'
import { syncCommand } from './sync.ts'
import { taskCommand } from './task.ts'
import { tlsCommand } from './tls.ts'
import { verifyCommand } from './verify.ts'

/** All commands, with their help. */
export function program(): Command {
  const root = new Command('fiskal-edge')
    .description('An on-premise register edge agent: signs, journals and replays what a till sells.')
    .version(packageVersion())
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ helpWidth: 80 })
  const commands = [
    runCommand(),
    demoCommand(),
    doctorCommand(),
    configCommand(),
    keyCommand(),
    deviceCommand(),
    faultCommand(),
    simulateCommand(),
    journalCommand(),
    backupCommand(),
    restoreCommand(),
    exportCommand(),
    auditCommand(),
    supportCommand(),
    syncCommand(),
    taskCommand(),
    tlsCommand(),
    verifyCommand(),
    receiverCommand(),
    serviceCommand(),
  ]
  for (const command of commands) root.addCommand(command)
  return root
}

/** Reads the command line and does what it says. */
export async function runProgram(): Promise<void> {
  await program().parseAsync()
}
