/** Between two reports, in milliseconds: on a terminal one replaces the other, elsewhere each is a line. */
const [ON_TERMINAL, ELSEWHERE] = [100, 2_000];

const CLEAR_LINE = '\r\x1b[K';

/** Tells how far a verification is. */
export function createProgress(output: NodeJS.WriteStream): {
  tell: (id: number, lastId: number) => void;
  /** Leaves nothing of it on a terminal. */
  end: () => void;
} {
  const interval = output.isTTY ? ON_TERMINAL : ELSEWHERE;
  let told = Date.now();
  return {
    tell(id, lastId) {
      if (Date.now() - told < interval) return;
      told = Date.now();
      const line = `Movement ${id} of ${lastId} (${Math.floor((id / lastId) * 100)} %)`;
      output.write(output.isTTY ? CLEAR_LINE + line : `${line}\n`);
    },
    end() {
      if (output.isTTY) output.write(CLEAR_LINE);
    },
  };
}
