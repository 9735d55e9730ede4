import type { ValuesOf } from '../base/settings/law-settings.ts'
import * as file from './config/config.ts'
import * as named from './config/named-files.ts'
import * as places from './config/places.ts'
import { LAW_KEYS } from './laws/laws.ts'

/** agent.json with the keys of the built-in laws. */
export type Config = file.Config & ValuesOf<typeof LAW_KEYS>
export type ConfigFile = file.ConfigFile<Config>

/** Throws ConfigError, as all of these. */
export function readConfig(name: string | undefined): ConfigFile {
  return file.readConfig(name, LAW_KEYS)
}

export function parseConfig(name: string, text: string): Config {
  return file.parseConfig(name, text, LAW_KEYS)
}

export function checkConfig(name: string, value: unknown, directory: string): Config {
  return file.checkConfig(name, value, directory, LAW_KEYS)
}

export function namedFiles(config: Config): named.NamedFile[] {
  return named.namedFiles(config, LAW_KEYS)
}

export function secretFiles(config: Config): ReadonlyMap<string, string> {
  return named.secretFiles(config, LAW_KEYS)
}

export function namedPaths(config: Config): string[] {
  return named.namedPaths(config, LAW_KEYS)
}

export function placesIn(config: Config): { name: string; folder: string }[] {
  return places.placesIn(config, LAW_KEYS)
}
