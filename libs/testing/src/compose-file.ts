import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A service of docker-compose.yml that runs an image of the Dockerfile. */
export interface ComposedApp {
  /** What its container runs, from the Dockerfile's target. */
  readonly command: readonly string[];
  /** The Dockerfile's variables, then those of the compose file, which win. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ComposeFile {
  /** Services that are built here, by name. */
  readonly apps: Readonly<Record<string, ComposedApp>>;
  /** The command of a service that runs somebody else's image; none: the image's own. */
  command(service: string): readonly string[];
}

interface Service {
  readonly build?: { readonly target: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Reads docker-compose.yml and the Dockerfile as Docker does, as far as a test needs it to start the same processes.
 * @param variables the values of `${NAME}` and `${NAME:?message}`. @throws Error naming one that is missing
 */
export function readComposeFile(variables: Readonly<Record<string, string>>): ComposeFile {
  const text = readFileSync(`${ROOT}docker-compose.yml`, 'utf8').replace(/^(?!\s*#).*$/gm, (line) =>
    line.replace(/\$\{(\w+)(?::\?([^}]*))?\}/g, (_, name: string, message = `${name} is not set`) => {
      const value = variables[name];
      if (value === undefined) throw new Error(String(message));
      return value;
    }),
  );
  const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
  const targets = readDockerfile(readFileSync(`${ROOT}Dockerfile`, 'utf8'));
  const apps: Record<string, ComposedApp> = {};
  for (const [name, { build, environment = {} }] of Object.entries(services)) {
    if (build === undefined) continue;
    const target = targets.get(build.target);
    if (target === undefined || target.command === null) throw new Error(`the Dockerfile has no target '${build.target}' with a command`);
    apps[name] = { command: target.command, environment: { ...target.environment, ...environment } };
  }
  return {
    apps,
    command(name) {
      const service = services[name];
      if (service === undefined) throw new Error(`docker-compose.yml has no service '${name}'`);
      return service.command ?? [];
    },
  };
}

interface Target {
  readonly environment: Record<string, string>;
  readonly command: readonly string[] | null;
}

/** ENV and CMD of each stage, with what it takes over from the stage that it starts from. */
function readDockerfile(text: string): Map<string, Target> {
  const targets = new Map<string, Target>();
  let [name, target]: [string, Target] = ['', { environment: {}, command: null }];
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const from = /^FROM (\S+) AS (\S+)/.exec(line);
    if (from !== null) {
      const base = targets.get(from[1]!);
      [name, target] = [from[2]!, { environment: { ...base?.environment }, command: base?.command ?? null }];
    } else if (line.startsWith('ENV ')) {
      for (const [, key, value] of line.slice(4).matchAll(/(\w+)=(\S+)/g)) target.environment[key!] = value!;
    } else if (line.startsWith('CMD ')) target = { ...target, command: JSON.parse(line.slice(4)) as string[] };
    targets.set(name, target);
  }
  return targets;
}
