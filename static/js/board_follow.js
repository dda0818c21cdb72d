// "live:follow": asks where deals stand that others changed, or for the whole board, and shows it unless somebody began to
// work on the board meanwhile. detail {news, pks, isWhole}; ends with "live:followed".

const FAILED_MS = 5000;
const tell = (what, detail) => document.dispatchEvent(new CustomEvent(what, { detail }));
const isBusy = () => !document.dispatchEvent(new CustomEvent("live:busy", { cancelable: true }));
const board = () => document.querySelector("[data-board]");

function request({ pks, isWhole }) {
  const { url, query } = board().dataset;
  if (isWhole) return { url: location.href.replace(/#.*/, ""), target: "board", into: "#board" };
  return { url: `${url}changes/?${new URLSearchParams({ ids: pks, board: query })}` };
}

document.addEventListener("live:follow", (event) => {
  if (!board()) return;
  event.preventDefault();
  const { detail } = event;
  const began = Date.now();
  const { query } = board().dataset;
  let isLate = false;
  let isDone = false;
  const late = () => (isLate = true);
  const accepts = () => {
    isDone = !isLate && board()?.dataset.query === query && !isBusy();
    if (isDone) tell("board:keep", detail);
    return isDone;
  };
  const answered = ({ status }) => {
    document.removeEventListener("board:hold", late);
    if (isDone) tell("board:kept", detail);
    tell(status === 200 ? "live:done" : "live:failed");
    const end = () => tell("live:followed", { ...detail, isDone, took: Date.now() - began });
    if (status === 200) end();
    else setTimeout(end, FAILED_MS);
  };
  document.addEventListener("board:hold", late);
  tell("board:send", { ...request(detail), method: "GET", accepts, answered });
});
