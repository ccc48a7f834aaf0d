#include "process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <vector>

extern char** environ;

namespace driver {

namespace {

std::vector<char*> environment() {
  static const char name[] = "ASAN_OPTIONS=";
  static char options[] = "ASAN_OPTIONS=" SANITIZER;
  std::vector<char*> variables{options};
  for (char** variable = environ; *variable != nullptr; variable++) {
    if (strncmp(*variable, name, strlen(name)) != 0) {
      variables.push_back(*variable);
    }
  }
  variables.push_back(nullptr);
  return variables;
}

}  // namespace

bool Process::start() {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
    return false;
  }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
  const char* arguments[] = {SERVER, "forwards", SECONDS, nullptr};
  int status = posix_spawn(
      &process_, SERVER, &files, nullptr, const_cast<char**>(arguments), environment().data());
  posix_spawn_file_actions_destroy(&files);
  close(in[0]);
  close(out[1]);
  commands_ = fdopen(in[1], "w");
  answers_ = fdopen(out[0], "r");
  broken_ = status != 0;
  return !broken_;
}

bool Process::end() {
  fclose(commands_);
  fclose(answers_);
  int status = 0;
  return waitpid(process_, &status, 0) == process_ && status == 0;
}

void Process::send(const void* bytes, size_t count) {
  broken_ |= count > 0 && fwrite(bytes, count, 1, commands_) != 1;
}

void Process::receive(void* bytes, size_t count) {
  broken_ |= fflush(commands_) != 0;
  broken_ |= count > 0 && fread(bytes, count, 1, answers_) != 1;
}

void Process::wait() {
  char done;
  send('s');
  receive(&done, sizeof done);
}

}  // namespace driver
