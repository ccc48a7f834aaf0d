// What a stream was asked for and has not done. It does so as late as a GPU might, when somebody
// waits, so that who uses memory too early or too late gets something else.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

namespace driver {

class Stream {
 public:
  using Work = std::function<void()>;

  void add(Work work) {
    waiting_.push_back(std::move(work));
    asked_++;
    if (waiting_.size() > MOST) {
      do_until(asked_ - MOST / 2);
    }
  }

  // How much it was asked for so far.
  uint64_t asked() const { return asked_; }

  bool is_idle() const { return waiting_.empty(); }

  // Does the work that was asked for when asked() was so much.
  void do_until(uint64_t asked) {
    while (done_ < asked) {
      Work work = std::move(waiting_.front());
      waiting_.pop_front();
      done_++;
      work();
    }
  }

 private:
  static constexpr size_t MOST = 4096;

  std::deque<Work> waiting_;
  uint64_t asked_ = 0;
  uint64_t done_ = 0;
};

}  // namespace driver
