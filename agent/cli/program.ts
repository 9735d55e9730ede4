import { Command } from 'commander'
import { packageVersion } from '../../base/version.ts'

/** In the order of the help. Only the requested command is loaded: the others took half of a short command's time. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).runCommand(),
  demo: async () => (await import('./demo.ts')).demoCommand(),
  conformance: async () => (await import('./conformance.ts')).conformanceCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  diag: async () => (await import('./diag.ts')).diagCommand(),
  config: async () => (await import('./config.ts')).configCommand(),
  key: async () => (await import('./key.ts')).keyCommand(),
  device: async () => (await import('./device.ts')).deviceCommand(),
  display: async () => (await import('./display.ts')).displayCommand(),
  emergency: async () => (await import('./emergency.ts')).emergencyCommand(),
  operation: async () => (await import('./operation.ts')).operationCommand(),
  fault: async () => (await import('./fault.ts')).faultCommand(),
  simulate: async () => (await import('./simulate.ts')).simulateCommand(),
  journal: async () => (await import('./journal.ts')).journalCommand(),
  backup: async () => (await import('./backup.ts')).backupCommand(),
  restore: async () => (await import('./restore.ts')).restoreCommand(),
  export: async () => (await import('./export.ts')).exportCommand(),
  audit: async () => (await import('./audit.ts')).auditCommand(),
  support: async () => (await import('./support.ts')).supportCommand(),
  alert: async () => (await import('./alert.ts')).alertCommand(),
  sync: async () => (await import('./sync.ts')).syncCommand(),
  duty: async () => (await import('./duty.ts')).dutyCommand(),
  finanzonline: async () => (await import('./finanzonline.ts')).finanzonlineCommand(),
  tls: async () => (await import('./tls.ts')).tlsCommand(),
  verify: async () => (await import('./verify.ts')).verifyCommand(),
  receiver: async () => (await import('./receiver.ts')).receiverCommand(),
  service: async () => (await import('./service.ts')).serviceCommand(),
  update: async () => (await import('./update.ts')).updateCommand(),
  version: async () => (await import('./version.ts')).versionCommand(),
}

/** The command of that name; otherwise all of them, for their help. */
export async function program(name: string | undefined): Promise<Command> {
  const root = new Command('fiskal-edge')
    .description('An on-premise fiscal gateway for tills: signs, stores and syncs what they sell.')
    .version(packageVersion())
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ helpWidth: 80 })
  const named = Object.entries(COMMANDS).filter(([each]) => each === name)
  const wanted = named.length > 0 ? named : Object.entries(COMMANDS)
  for (const command of await Promise.all(wanted.map(([, load]) => load()))) root.addCommand(command)
  return root
}

/** Parses the command line and runs its command. */
export async function runProgram(): Promise<void> {
  await (await program(process.argv[2])).parseAsync()
}
