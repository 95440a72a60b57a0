// Sets the theme before the page is drawn: the visitor's choice, else the system's.
const system = window.matchMedia("(prefers-color-scheme: dark)");

function showTheme() {
  const choice = localStorage.getItem("theme") ?? "auto";
  const automatic = system.matches ? "dark" : "light";
  document.documentElement.dataset.bsTheme = choice === "auto" ? automatic : choice;
  for (const button of document.querySelectorAll("[data-theme]")) {
    const active = button.dataset.theme === choice;
    button.classList.toggle("active", active);
    button.setAttribute("aria-pressed", active);
  }
}

function chooseTheme(event) {
  const button = event.target.closest("[data-theme]");
  if (button) {
    localStorage.setItem("theme", button.dataset.theme);
    showTheme();
  }
}

showTheme();
system.addEventListener("change", showTheme);
document.addEventListener("DOMContentLoaded", showTheme);
document.addEventListener("click", chooseTheme);
