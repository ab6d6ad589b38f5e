import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';

/** A git repository of a test, in a folder of its own; gone when it is disposed. */
export interface TestRepository extends Disposable {
  readonly folder: string;
  write(path: string, content: string | object): void;
  remove(path: string): void;
  /** Commits everything; gives the commit's id. */
  commit(message: string): string;
}

export function testRepository(files: Readonly<Record<string, string | object>>): TestRepository {
  const folder = mkdtempSync(join(tmpdir(), 'gate-repo-'));
  const git = (...args: string[]): string => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
    return execaSync('git', [...identity, ...args], { cwd: folder }).stdout;
  };
  const repository: TestRepository = {
    folder,
    write(path, content) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    },
    remove: (path) => rmSync(join(folder, path)),
    commit(message) {
      git('add', '-A');
      git('commit', '-q', '-m', message);
      return git('rev-parse', 'HEAD').trim();
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
  git('init', '-q', '-b', 'main');
  for (const [path, content] of Object.entries(files)) repository.write(path, content);
  repository.commit('first');
  return repository;
}
