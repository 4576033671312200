// Runs the tests against the server at DONGXIAO_TEST_URL, whose simulator is at DONGXIAO_TEST_CONTROL; without these it builds the program
// and starts it with the demo brand, on free ports and in a temporary folder, for as long as the tests run.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, openSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const startSeconds = 120;
const tests = ["client", "story", "audit"].map((name) => fileURLToPath(new URL(`${name}.test.js`, import.meta.url)));
const repository = fileURLToPath(new URL("../../..", import.meta.url));

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  servers.forEach((server) => server.close());
  return ports;
}

function build(program: string): void {
  const { status, signal, error } = spawnSync("go", ["build", "-trimpath", "-gcflags=dongxiao/...=-l", "-o", program, "."], { cwd: repository, stdio: "inherit" });
  if (status !== 0) throw new Error(`go build failed: ${error?.message ?? signal ?? `status ${status}`}`);
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  for (const until = Date.now() + startSeconds * 1000; Date.now() < until; await sleep(100)) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`the server was not ready within ${startSeconds} s`);
}

function test(url: string, control: string): number {
  const environment = { ...process.env, DONGXIAO_TEST_URL: url, DONGXIAO_TEST_CONTROL: control };
  return spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...tests], { stdio: "inherit", env: environment }).status ?? 1;
}

async function startAndTest(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "dongxiao-clients-"));
  let server: ChildProcess | undefined;
  try {
    const program = join(folder, "dongxiao");
    build(program);
    const [listen, admin, simulator, control] = (await freePorts(4)).map((port) => `127.0.0.1:${port}`);
    const settings = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("DONGXIAO_")));
    const log = join(folder, "log");
    const output = openSync(log, "w");
    server = spawn(program, ["serve"], {
      cwd: folder,
      stdio: ["ignore", output, output],
      env: {
        ...settings,
        DONGXIAO_ENVIRONMENT: "development",
        DONGXIAO_DATA_DIRECTORY: join(folder, "data"),
        DONGXIAO_LISTEN: listen,
        DONGXIAO_ADMIN_LISTEN: admin,
        DONGXIAO_SIMULATOR_LISTEN: simulator,
        DONGXIAO_SIMULATOR_CONTROL: control,
      },
    });
    let status = 1;
    try {
      await ready(`http://${listen}`, server);
      status = test(`http://${listen}`, `http://${control}`);
    } finally {
      if (status !== 0) {
        const lines = readFileSync(log, "utf8").split("\n").filter((line) => !line.includes("msg=request"));
        console.error(`The server said:\n${lines.slice(-40).map((line) => line.slice(0, 1000)).join("\n")}`);
      }
    }
    return status;
  } finally {
    if (server && server.exitCode === null) {
      server.kill("SIGTERM");
      const kill = setTimeout(() => server?.kill("SIGKILL"), 10_000);
      await once(server, "exit");
      clearTimeout(kill);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

const { DONGXIAO_TEST_URL: url, DONGXIAO_TEST_CONTROL: control } = process.env;
process.exitCode = url && control ? test(url, control) : await startAndTest();
