// What the board's modules have to tell: aloud to screen readers ("board:say"), or as a message ("board:toast").
// A message may offer to do something again: detail {text, again}.

document.addEventListener("board:say", ({ detail }) => {
  const region = document.querySelector("[data-board-says]");
  // The same words twice are said twice only if the text differs.
  if (region) region.textContent = region.textContent === detail ? `${detail}\u00a0` : detail;
});

document.addEventListener("board:toast", ({ detail: { text, again } }) => {
  const toast = document.getElementById("board-toast").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = text;
  const button = toast.querySelector("[data-again]");
  button.hidden = !again;
  button.addEventListener("click", () => {
    toast.remove();
    again();
  });
  document.getElementById("messages").append(toast);
});
